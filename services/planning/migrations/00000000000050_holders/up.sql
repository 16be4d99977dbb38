-- What a group has to do is one task of the group, and tasks of all services are kept by notification alone.
drop table scoring_tasks;
alter table tasks rename column assignee to holder;
update tasks set holder = 'person:' || holder;
insert into tasks (company_id, cycle, key, stage, activity, holder, subject, subject_name, due, done, version, told)
select company_id, cycle, stage || '/' || subject, stage, activity,
    case activity when 'settle_sheets' then 'role:hr' else 'role:executive' end, subject, min(subject_name), min(due),
    bool_and(done), 1, false
from tasks where key = stage || '/' || subject || '/' || substr(holder, 8)
group by company_id, cycle, stage, activity, subject
on conflict do nothing;
delete from tasks where key = stage || '/' || subject || '/' || substr(holder, 8);
-- Notification begins anew.
update tasks set told = false, version = version + 1 where not done;
alter table employees drop column roles;
