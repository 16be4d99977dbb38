-- Scoring begins to listen to the calendar: it counts the terms of signatures.
alter table companies alter column told_to set default 6;
