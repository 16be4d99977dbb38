alter table companies drop column told_to;
