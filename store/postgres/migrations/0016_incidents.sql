-- Incidents. Issues and posts name theirs, which older programs would drop.
create table incidents (id bytea primary key, desk bytea not null, state bytea not null, opened timestamptz not null, record json not null);
create index incidents_opened on incidents (opened, id);
create index incidents_desk on incidents (desk, opened, id);
create index incidents_state on incidents (state, opened, id);
create index incidents_desk_state on incidents (desk, state, opened, id);
