-- Files of our posts, and those that agents have not sent yet. Older programs would leave them out of backups
-- and copies, and drop from posts which file is which.
create table files (id bytea not null, record json not null, primary key (id));
create table uploads (agent bytea not null, id bytea not null, record json not null, primary key (agent, id));
