-- What the scheme calls its grades in each language, by code; empty for cycles opened before this was kept.
alter table cycles add column grades jsonb not null default '{}';
