-- Places outside that are notified of events, and what was sent to them.
create table destinations (id bytea primary key, agent bytea not null, record json not null);
create index destinations_agent on destinations (agent, id);
create table notifications (destination bytea not null, id bytea not null, record json not null, primary key (destination, id));
