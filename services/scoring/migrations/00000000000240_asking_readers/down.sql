drop trigger tells_of_new on posted_texts;
drop trigger tells_of_changed on posted_texts;
alter table posted_texts drop column asked_to, drop column asked_all;
