drop trigger tells_of_new on mails;
drop trigger tells_of_changed on mails;
