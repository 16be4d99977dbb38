alter table cycles drop column company_carried;
