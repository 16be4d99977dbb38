alter table employees add column roles jsonb not null default '[]';
alter table tasks rename column holder to assignee;
delete from tasks where assignee not like 'person:%';
update tasks set assignee = substr(assignee, 8);
create table scoring_tasks (
    company_id uuid not null,
    cycle uuid not null,
    key text not null,
    stage text not null,
    label_zh text not null,
    label_en text not null,
    assignee text not null,
    subject text not null,
    subject_name text not null,
    due date,
    done boolean not null,
    version bigint not null,
    primary key (company_id, cycle, key)
);
create index scoring_tasks_undone on scoring_tasks (company_id, cycle, due) where not done;
