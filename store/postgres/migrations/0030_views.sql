-- Saved views of agents and desks. Older programs would leave them out of backups and copies.
create table views (owner bytea not null, id bytea not null, record json not null, primary key (owner, id));
