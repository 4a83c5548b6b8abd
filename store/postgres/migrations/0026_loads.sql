-- How much came to a desk lately, and which reports stand on rows, are remembered apart
-- from each other: older programs would drop what they do not know.
select 1;
