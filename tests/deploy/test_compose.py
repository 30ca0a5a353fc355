"""docker-compose.yml: parses with the real tool, is hardened, and speaks only of what the code has."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKERS = ("normalizer", "sectioner", "extractor", "sink")
OURS = (*WORKERS, "api", "monitor")


@pytest.fixture(scope="module")
def compose() -> dict:
    tool = shutil.which("docker-compose", path=str(Path(sys.executable).parent)) or shutil.which("docker-compose")
    if tool is None:
        pytest.skip("no docker-compose here (it is in the development requirements on Linux)")
    shown = subprocess.run(
        [tool, "-f", ROOT / "docker-compose.yml", "config", "--format", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(shown.stdout)


def test_every_service_is_hardened(compose):
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["user"].split(":")[0] not in {"", "0", "root"}, name
        limits = service["deploy"]["resources"]["limits"]
        assert int(limits["memory"]) > 0, name
        assert float(limits["cpus"]) > 0, name
        assert limits["pids"] > 0, name


def test_every_image_is_pinned(compose):
    for name, service in compose["services"].items():
        tag = service["image"].rpartition(":")[2]
        assert re.fullmatch(r"v?[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z0-9]+)?", tag), f"{name}: {service['image']}"


def test_workers_can_be_copied(compose):
    for name in WORKERS:
        assert "container_name" not in compose["services"][name]
        assert not compose["services"][name].get("ports"), "a fixed port would refuse the second copy"


def test_only_the_front_and_the_intake_reach_the_host(compose):
    for name, network in compose["networks"].items():
        assert network.get("internal", False) is (name not in {"front", "intake"}), name
    for name, service in compose["services"].items():
        for port in service.get("ports", []):
            assert port["host_ip"] == "127.0.0.1", name


def test_secrets_are_files_and_no_value_holds_one(compose):
    for name, service in compose["services"].items():
        for key, value in (service.get("environment") or {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|REDIS_URL|DATABASE_URL", key):
                assert key.endswith(("_FILE", "__FILE")), f"{name}: {key}={value}"
                assert value.startswith("/run/secrets/"), f"{name}: {key}={value}"
                assert value.rpartition("/")[2] in {secret["source"] for secret in service["secrets"]}, name


def test_every_variable_is_a_setting(compose):
    from services.monitor.settings import MonitorSettings
    from services.sink.settings import ApiSettings
    from shared.settings import WorkerSettings

    known = {
        f"FAZHI_{field.upper()}"
        for settings in (WorkerSettings, ApiSettings, MonitorSettings)
        for field in settings.model_fields
    }
    for name in OURS:
        for variable in compose["services"][name]["environment"]:
            assert variable in known, f"{name}: {variable}"


def test_every_command_names_a_module_that_exists(compose):
    for name in OURS:
        words = compose["services"][name]["command"]
        module = next(word for word in words if word.startswith("services.")).partition(":")[0]
        assert importlib.util.find_spec(module), f"{name}: {module}"
        if words[0] == "faststream":
            assert words[1] == "run"
            assert words[2].endswith(":app")


def test_every_mounted_path_exists(compose):
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                assert Path(volume["source"]).exists(), f"{name}: {volume['source']}"


def test_a_volume_takes_the_place_of_a_folder_that_its_image_makes_for_the_user(compose):
    # A new volume gets owner and content of the image's folder where there is one; else it belongs to root, and these
    # containers, without any capability, could not write to it.
    made = {
        "redis": "/data",
        "postgres": "/var/lib/postgresql",
        "prometheus": "/prometheus",
        "grafana": "/var/lib/grafana",
    }
    mounted = {
        name: volume["target"]
        for name, service in compose["services"].items()
        for volume in service.get("volumes", [])
        if volume["type"] == "volume"
    }
    assert mounted == made
    assert Path(compose["services"]["postgres"]["environment"]["PGDATA"]).parent == Path(made["postgres"])


def test_every_container_can_read_its_secrets_whatever_the_umask(tmp_path):
    folder = tmp_path / "secrets"
    make = [sys.executable, ROOT / "deploy/make_secrets.py", "--folder", folder]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, umask=0o077)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_images_carry_only_what_their_worker_needs(compose):
    built = {name: one["build"]["args"]["SERVICE"] for name, one in compose["services"].items() if "build" in one}
    assert set(built) == {*WORKERS, "monitor", "api"}
    for service in built.values():
        pins = (ROOT / "requirements" / f"{service}.txt").read_text(encoding="utf-8")
        assert ("jieba==" in pins) is (service == "extractor")
        assert ("sqlalchemy==" in pins) is (service in {"sink", "monitor", "api"})
        assert ("cyclopts==" in pins) is (service == "api"), "the operator types `fazhi …` there, and only there"
        assert ("opencc==" in pins) is (service == "normalizer")


def test_prometheus_scrapes_the_ports_that_the_services_open(compose):
    config = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    found = jobs["fazhi-workers"]["dns_sd_configs"][0]
    assert set(found["names"]) == set(WORKERS)
    for name in WORKERS:
        assert compose["services"][name]["environment"]["FAZHI_METRICS_PORT"] == str(found["port"])
    targets = {job: jobs[job]["static_configs"][0]["targets"] for job in ("fazhi-monitor", "fazhi-api")}
    assert targets["fazhi-monitor"] == [
        f"monitor:{compose['services']['monitor']['environment']['FAZHI_METRICS_PORT']}"
    ]
    assert targets["fazhi-api"] == [f"api:{compose['services']['api']['environment']['FAZHI_API_PORT']}"]
