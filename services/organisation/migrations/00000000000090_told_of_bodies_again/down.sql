alter table companies alter column told_to set default 7;
