drop trigger pay_profiles_are_kept on pay_profiles;
drop function keep_profile_revision();
drop table pay_profile_revisions;
drop function refuse_change_of_profile();
alter table pay_profiles drop column changed_by;
