drop table sign_in_attempts;
alter table accounts drop column must_change_password;
