alter table interviews drop column minutes;
