-- A value that was found in another result keeps which one, in which version: corrected later, it tells who rests on it.
alter table facts add column rests_on uuid, add column rests_version bigint;
create index facts_by_result on facts (company_id, rests_on) where rests_on is not null;
