-- The appointment that goes with a mail, as calendars read it.
alter table mails add column invitation text;
