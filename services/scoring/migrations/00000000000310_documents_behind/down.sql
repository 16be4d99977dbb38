alter table results drop column documents;
alter table facts drop column document;
