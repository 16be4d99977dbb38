-- A result that an appeal found to be unfair does not count until it is redone; it stays readable.
alter table results add column annulled_at timestamptz;
alter table results add column annulled_why text;
