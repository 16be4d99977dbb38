drop table result_sources;
alter table facts drop column rests_on, drop column rests_version;
