-- Complaints of other servers. Older programs would drop them, and would not erase
-- those of a sender who is deleted or blocked.
create table flags (id bytea primary key, sender bytea not null, record json not null);
create index flags_sender on flags (sender, id);
