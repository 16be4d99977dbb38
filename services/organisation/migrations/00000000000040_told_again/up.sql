-- Which listeners a company's people and calendar have been told to: raised when a service begins to listen. What
-- is founded from now on is told to everybody as it comes.
alter table companies add column told_to integer not null default 0;
alter table companies alter column told_to set default 1;
