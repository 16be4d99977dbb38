alter table cycles drop column publication_begun;
alter table cycles drop column publications;
drop table drafts;
drop table batches;
