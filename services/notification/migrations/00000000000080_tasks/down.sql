alter table cycles drop column name, drop column stages;
drop table seats, bodies, tasks;
drop index employees_by_superior;
alter table employees drop column roles, drop column superior;
create table work_items (
    company_id uuid not null,
    cycle uuid not null,
    source text not null,
    key text not null,
    label_zh text not null,
    label_en text not null,
    assignee text not null,
    subject text not null,
    subject_name text not null,
    due date,
    done boolean not null,
    version bigint not null,
    primary key (company_id, cycle, source, key)
);
create index work_items_open on work_items (company_id, due, assignee) where not done;
