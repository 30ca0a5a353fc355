"""Lengths and signs that several questions ask for, each with its reason."""

#: A name up to this length says nothing without its topic: 合格率, 按期回复率; 听众, 工单.
SHORT_RATE = 6
SHORT_NOUN = 4
#: A thing of a list up to this length has no words of its own: 市场监管, 突出个人.
SHORT_LISTED = 10
#: What is said about a noun becomes part of the subject up to this length.
MAX_PREDICATE = 26
#: An agent before 共 (媒体共发布) stays in the subject up to this length.
MAX_AGENT = 16
EDGE = "、,，;；:：。 \t\n-—…·!?/〈〉+↑↓"
#: The noun that a measure word stands for where the text names none.
UNIT_NOUNS = {"件": "案件", "起": "案件", "户": "企业", "户次": "企业", "项": "事项", "家": "企业", "人": "人员"}
