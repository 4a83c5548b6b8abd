-- Texts that agents have not sent yet. Older programs would keep a draft of what was
-- sent, and would not let drafts expire.
create table drafts (agent bytea not null, place bytea not null, record json not null, primary key (agent, place));
