-- Piles of reports that came at once. Issues name theirs, which older programs would
-- drop; those of before stand in none.
create table piles (id bytea primary key, desk bytea not null, standing boolean not null, opened timestamptz not null, record json not null);
create index piles_opened on piles (opened, id);
create index piles_desk on piles (desk, opened, id);
create index piles_standing on piles (opened, id) where standing;
create index piles_desk_standing on piles (desk, opened, id) where standing;
