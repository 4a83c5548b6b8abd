-- Who works at the desk, what they prove it with, what they may do, what they
-- did; and the log of changes.

create table agents (email bytea primary key, id bytea not null unique, record json not null);
create table credentials (agent bytea, id bytea, record json not null, primary key (agent, id));

create table grants (
	hash bytea primary key, kind text not null, agent bytea not null, created timestamptz not null, expires timestamptz, record json not null
);
create index grants_kind on grants (kind, created, hash);
create index grants_agent on grants (kind, agent, created, hash);
create index grants_expires on grants (expires) where expires is not null;

create table acts (id bytea primary key, agent bytea not null, object bytea not null, at timestamptz not null, record json not null);
create index acts_at on acts (at, id);
create index acts_agent on acts (agent, at, id);
create index acts_object on acts (object, at, id);

-- Numbers are given before they are committed, so they say nothing about what
-- a reader has not seen. A change can be listed when every transaction that
-- began before its own has ended; then it is in order of both columns.
create sequence change_numbers;
create table changes (
	by xid8 not null default pg_current_xact_id(), number bigint not null default nextval('change_numbers'),
	at timestamptz not null, record json not null, primary key (by, number)
);
create index changes_at on changes (at);
