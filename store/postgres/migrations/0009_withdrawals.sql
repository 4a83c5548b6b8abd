create table withdrawals (hash bytea primary key, domain bytea not null, at timestamptz not null, expires timestamptz not null, record json not null);
create index withdrawals_at on withdrawals (at, hash);
create index withdrawals_domain on withdrawals (domain, at, hash);
create index withdrawals_expires on withdrawals (expires);
