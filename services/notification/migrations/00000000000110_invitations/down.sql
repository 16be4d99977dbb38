alter table mails drop column invitation;
