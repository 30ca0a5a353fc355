"""The server-side scripts: every change of a stream that must happen whole or not at all.

Each declares its keys, all of one shard, so that a Redis Cluster keeps them in one slot. They use commands of Redis 6.2
and are sent with EVAL. A script reads before its first write whatever could make a later write fail (wrong type, group
gone), because a script that has written is not rolled back; after its first write the server refuses it nothing for
lack of memory, so a handoff works on a full server and makes it emptier.
"""

from __future__ import annotations

#: KEYS: source, target, dead, books, replays
#: ARGV: group, consumer, generation, fresh generation, source's short name,
#:       then for each entry: its id, verdict, number of field values, the field values.
#: Verdicts: `out` (successor on the target), `stored` (none: the database holds it), `dead`.
#: An entry is handed over only while it is pending for this consumer, and only by the call whose XACK counts: so its
#: successor is the only one, and a stale worker's result never beats the new owner's.
#: Answers 1 or 0 an entry. 0: not yours (any more), nothing was done.
HANDOFF = """
local source, target, dead, books, replays = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local group, me, known, fresh, name = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
redis.call('XLEN', target)
redis.call('XLEN', dead)
local generation = redis.call('HGET', books, 'generation')
local answers, counted, at = {}, {}, 6
while at <= #ARGV do
  local id, verdict, fields = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  local mine = redis.call('XPENDING', source, group, id, id, 1, me)
  if #mine == 1 and redis.call('XACK', source, group, id) == 1 then
    if verdict == 'out' then
      redis.call('XADD', target, '*', unpack(ARGV, at + 3, at + 2 + fields))
    elseif verdict == 'dead' then
      redis.call('XADD', dead, '*', unpack(ARGV, at + 3, at + 2 + fields))
    end
    redis.call('XDEL', source, id)
    if name == 'intake' then redis.call('HDEL', replays, id) end
    counted[verdict] = (counted[verdict] or 0) + 1
    answers[#answers + 1] = 1
  else
    answers[#answers + 1] = 0
  end
  at = at + 3 + fields
end
if next(counted) and not generation then
  redis.call('HSET', books, 'generation', fresh)
  if known ~= '' then redis.call('HSET', books, 'lost', known) end
end
for verdict, count in pairs(counted) do
  redis.call('HINCRBY', books, name .. (verdict == 'dead' and '.dead' or '.out'), count)
end
return answers
"""

#: KEYS: stream. ARGV: group, consumer, ids. Starts the lease of each entry anew if, and only if, it is pending for this
#: consumer: a worker that wakes from a long pause must not take an entry back from its new owner.
#: Answers 1 or 0 an entry.
RENEW = """
local answers = {}
for k = 3, #ARGV do
  local mine = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[k], ARGV[k], 1, ARGV[2])
  if #mine == 1 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[k], 'JUSTID')
  end
  answers[#answers + 1] = #mine
end
return answers
"""

#: KEYS: stream. ARGV: group, consumer, id, deliveries so far. Counts one more delivery of an entry that this consumer
#: tries again, once also where it is called again because its answer was lost. Answers the new count, 0 where the entry
#: is not its own.
REDELIVER = """
local mine = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2])
if #mine == 0 then return 0 end
local count = math.max(mine[1][4], tonumber(ARGV[4]) + 1)
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3], 'RETRYCOUNT', count, 'JUSTID')
return count
"""

#: KEYS: stream. ARGV: group, consumer, then pairs of id and delivery count to leave behind. Gives entries back: they
#: count as left by a dead worker at once. Answers how many.
#: The idle time given is a day: more than any lease, less than the age of any entry may be on a young server.
HAND_BACK = """
local given = 0
for k = 3, #ARGV, 2 do
  local mine = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[k], ARGV[k], 1, ARGV[2])
  if #mine == 1 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[k], 'IDLE', 86400000, 'RETRYCOUNT', ARGV[k + 1], 'JUSTID')
    given = given + 1
  end
end
return given
"""

#: KEYS: stream, books. ARGV: group, consumer, lease in milliseconds, most entries, deliveries after which an entry goes
#: alone, stream's short name. Takes over entries whose lease has ended, whoever holds them (this consumer too: a read
#: whose answer was lost stays pending for a living worker), the least often delivered first. What was delivered often
#: and has not come to its end may be what ended its workers: it is claimed alone, so that no neighbour shares its fate.
#: The entries themselves are not looked at: a script that reads one of 500 MB takes three times that of the server.
#: Entries that are no longer on the stream are counted as vanished (6.2 does not tell them: see VANISHED).
#: Answers {claimed, vanished}: claimed are {id, deliveries}, vanished are ids.
CLAIM = """
local most, alone = tonumber(ARGV[4]), tonumber(ARGV[5])
local idle = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], '-', '+', 4 * most)
for place, entry in ipairs(idle) do entry[5] = place end
table.sort(idle, function(one, other)
  if one[4] ~= other[4] then return one[4] < other[4] end
  return one[5] < other[5]
end)
local claimed, vanished = {}, {}
for _, entry in ipairs(idle) do
  if #claimed >= most or (#claimed > 0 and entry[4] >= alone) then break end
  local count = entry[4] + 1
  local there = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry[1], 'RETRYCOUNT', count, 'JUSTID')
  if #there == 0 then
    redis.call('HINCRBY', KEYS[2], ARGV[6] .. '.vanished', 1)
    vanished[#vanished + 1] = entry[1]
  else
    claimed[#claimed + 1] = {entry[1], count}
    if entry[4] >= alone then break end
  end
end
return {claimed, vanished}
"""

#: KEYS: stream, books. ARGV: group, id, stream's short name. Lets go of an entry that was claimed and is no longer on the
#: stream, and counts it as vanished. Answers 1, or 0 where nobody held it any more: another worker had handed it over.
VANISHED = """
local gone = redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
if gone == 1 then redis.call('HINCRBY', KEYS[2], ARGV[3] .. '.vanished', 1) end
return gone
"""

#: KEYS: stream. ARGV: group. Everything on a stream is still to be done, because a handoff removes its entry. So an entry
#: before the group's place that nobody holds was skipped: somebody made the group at the end, or moved its place. The
#: group then begins anew; who holds an entry meanwhile may lose its work to the fence of the handoff, and no more.
#: Answers the first skipped entry, or ''. Also '' for a user that may not look (a list of users from before this script).
UNSKIP = """
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
if groups['err'] then return '' end
for _, group in ipairs(groups) do
  local seen = {}
  for k = 1, #group, 2 do seen[group[k]] = group[k + 1] end
  if seen['name'] == ARGV[1] then
    local first = redis.call('XRANGE', KEYS[1], '-', seen['last-delivered-id'], 'COUNT', 1)[1]
    if first and #redis.call('XPENDING', KEYS[1], ARGV[1], first[1], first[1], 1) == 0 then
      if redis.pcall('XGROUP', 'SETID', KEYS[1], ARGV[1], '0')['err'] then return '' end
      return first[1]
    end
  end
end
return ''
"""

#: KEYS: stream. ARGV: group, consumer, idle milliseconds. Removes consumers that are gone and own nothing; never one
#: that owns something, because its pending entries would go with it. Answers how many.
SWEEP_CONSUMERS = """
local removed = 0
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local seen = {}
  for k = 1, #consumer, 2 do seen[consumer[k]] = consumer[k + 1] end
  if seen['name'] ~= ARGV[2] and seen['pending'] == 0 and seen['idle'] > tonumber(ARGV[3]) then
    -- 6.2 refuses this where its memory is full
    if type(redis.pcall('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], seen['name'])) == 'number' then
      removed = removed + 1
    end
  end
end
return removed
"""

#: KEYS: stream, books. ARGV: group, fresh generation, known generation or ''. Makes the group at the beginning of the
#: stream and opens the books where they are missing. Answers {1 where the group was made, generation}.
#: Only workers that start can make room on a server whose memory is full. Where both are there nothing is written, and
#: where they are not, an entry that cannot be is removed first: after a write that takes no memory the server refuses
#: the script no other.
OPEN = """
local generation = redis.call('HGET', KEYS[2], 'generation')
local groups = redis.pcall('XINFO', 'GROUPS', KEYS[1])
if generation and not groups['err'] then
  for _, group in ipairs(groups) do
    for k = 1, #group, 2 do
      if group[k] == 'name' and group[k + 1] == ARGV[1] then return {0, generation} end
    end
  end
end
redis.call('XDEL', KEYS[1], '0-0')
local made = 1
local answer = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
if answer['err'] then
  if not string.find(answer['err'], 'BUSYGROUP') then return answer end
  made = 0
end
if redis.call('HSETNX', KEYS[2], 'generation', ARGV[2]) == 1 and ARGV[3] ~= '' then
  redis.call('HSET', KEYS[2], 'lost', ARGV[3])
end
return {made, redis.call('HGET', KEYS[2], 'generation')}
"""

#: KEYS: books. ARGV: the generation under which the database was filled. Notes it as lost where the books are others.
#: Answers 1 where they are.
MISS = """
local generation = redis.call('HGET', KEYS[1], 'generation')
if not generation or generation == ARGV[1] then return 0 end
redis.call('HSETNX', KEYS[1], 'lost', ARGV[1])
return 1
"""

#: KEYS: books, then per work stream and for the dead one the stream. ARGV: per stream its group.
#: One atomic look: {books as a flat list, server's clock, then per stream {length, in work, entries added, id of the
#: first entry or ''}}. Entries added are -1 where the server does not count them, -2 where there is no such stream. No
#: page leaves the server for it.
BOOKS = """
local look = {redis.call('HGETALL', KEYS[1]), redis.call('TIME')}
for k = 2, #KEYS do
  local pending = redis.pcall('XPENDING', KEYS[k], ARGV[k - 1])
  local in_work = 0
  if not pending['err'] then in_work = pending[1] end
  local added, first = -1, ''
  local stream = redis.pcall('XINFO', 'STREAM', KEYS[k])
  if stream['err'] then
    added = -2
  else
    for f = 1, #stream, 2 do
      if stream[f] == 'entries-added' then added = stream[f + 1] end
      if stream[f] == 'first-entry' and stream[f + 1] then first = stream[f + 1][1] end
    end
  end
  look[#look + 1] = {redis.call('XLEN', KEYS[k]), in_work, added, first}
end
return look
"""

#: KEYS: stream. ARGV: bounds as of XRANGE. Answers the id of the first entry between them, or ''; the entry itself, which
#: may be a page of hundreds of MB, stays on the server.
FIRST = """
local first = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[2], 'COUNT', 1)[1]
return first and first[1] or ''
"""

#: KEYS: dead, target, books, replays. ARGV: group, letter's id on the dead stream, target's short name, 1 where the
#: target is the intake and the original entry, then the field values. Takes a letter from the dead stream and puts its
#: original back to work, counted as sent again. Answers the new entry id, '' where the letter is no longer there, `held`
#: where the sink is moving it to the database right now.
REPLAY = """
redis.call('XLEN', KEYS[2])
redis.call('HLEN', KEYS[3])
redis.call('HLEN', KEYS[4])
local held = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)
if not held['err'] and #held > 0 then return 'held' end
if redis.call('XDEL', KEYS[1], ARGV[2]) == 0 then return '' end
local id = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 5))
if ARGV[4] ~= '' then redis.call('HSET', KEYS[4], id, ARGV[4]) end
redis.call('HINCRBY', KEYS[3], 'dead.again', 1)
redis.call('HINCRBY', KEYS[3], ARGV[3] .. '.again', 1)
return id
"""

#: As REPLAY, for a letter that the database holds. KEYS: token, target, books, replays. ARGV: seconds the token lives,
#: unused, then as REPLAY. A letter has one token, and what was done first stands in it: `replayed` or `dropped`. A later
#: call does nothing. Answers what stands there.
REPLAY_STORED = """
redis.call('XLEN', KEYS[2])
redis.call('HLEN', KEYS[3])
redis.call('HLEN', KEYS[4])
local before = redis.call('GET', KEYS[1])
if before then return before end
local id = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 5))
redis.call('SET', KEYS[1], 'replayed', 'EX', ARGV[1])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[4], id, ARGV[4]) end
redis.call('HINCRBY', KEYS[3], 'db.again', 1)
redis.call('HINCRBY', KEYS[3], ARGV[3] .. '.again', 1)
return 'replayed'
"""

#: Puts a stored report on a work stream after the intake to be processed again. KEYS: token, target, books. ARGV: seconds
#: the token lives, target's short name, then the field values. It counts as one more accepted entry. The token makes a
#: repeated call add nothing; it answers the entry id of the first call.
RERUN = """
redis.call('XLEN', KEYS[2])
redis.call('HLEN', KEYS[3])
local before = redis.call('GET', KEYS[1])
if before then return before end
local id = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
redis.call('SET', KEYS[1], id, 'EX', ARGV[1])
redis.call('HINCRBY', KEYS[3], 'rerun', 1)
redis.call('HINCRBY', KEYS[3], ARGV[2] .. '.again', 1)
return id
"""

#: KEYS: dead, books. ARGV: group, ids. Drops letters for good and counts them; those that the sink is moving to
#: the database are left alone. Answers how many were dropped.
DROP = """
redis.call('HLEN', KEYS[2])
local dropped = 0
for k = 2, #ARGV do
  local held = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[k], ARGV[k], 1)
  if (held['err'] or #held == 0) and redis.call('XDEL', KEYS[1], ARGV[k]) == 1 then dropped = dropped + 1 end
end
if dropped > 0 then redis.call('HINCRBY', KEYS[2], 'dead.dropped', dropped) end
return dropped
"""

#: KEYS: token, books. ARGV: seconds the token lives. Counts one letter of the database as dropped; its token is that of
#: REPLAY_STORED. Answers what stands there.
DROP_STORED = """
redis.call('HLEN', KEYS[2])
local before = redis.call('GET', KEYS[1])
if before then return before end
redis.call('SET', KEYS[1], 'dropped', 'EX', ARGV[1])
redis.call('HINCRBY', KEYS[2], 'db.dropped', 1)
return 'dropped'
"""

#: KEYS: books. ARGV: a generation of books that were lost. Closes the matter, and counts it. Answers 1, or 0 where no
#: books of that generation are noted as lost.
ACCEPT_LOSS = """
if redis.call('HGET', KEYS[1], 'lost') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'lost')
redis.call('HINCRBY', KEYS[1], 'losses', 1)
return 1
"""

#: KEYS: stream. ARGV: group, consumer. Removes the consumer if it owns nothing.
LEAVE = """
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) == 0 then
  return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
end
return -1
"""
