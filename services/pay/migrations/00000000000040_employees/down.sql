drop table employees;
