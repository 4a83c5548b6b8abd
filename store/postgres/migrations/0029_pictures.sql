-- Pictures of desks. Older programs would drop the colour and the links of a desk.
create table pictures (desk bytea not null, role bytea not null, record json not null, primary key (desk, role));
