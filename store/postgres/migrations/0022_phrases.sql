-- Phrases of desks, and what agents note about people. Older programs would drop an agent's
-- time zone and a person's profile text, and keep remarks about people who are forgotten.
create table phrases (desk bytea not null, id bytea not null, record json not null, primary key (desk, id));
create table remarks (about bytea not null, id bytea not null, record json not null, primary key (about, id));
