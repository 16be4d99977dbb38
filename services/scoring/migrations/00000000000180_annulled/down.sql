-- What later versions keep has no place in what earlier ones had.
select 1 / 0;
