-- Readers of an announcement are asked some at a time, by their numbers: up to whom they have been, and whether all have.
alter table posted_texts add column asked_to text not null default '', add column asked_all boolean not null default false;
update posted_texts set asked_all = true;
create index posted_texts_to_ask on posted_texts (id) where not asked_all;
call tells('posted_texts');
