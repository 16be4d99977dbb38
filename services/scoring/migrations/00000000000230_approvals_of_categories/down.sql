alter table approvals drop column categories;
