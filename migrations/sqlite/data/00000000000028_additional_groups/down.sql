DROP VIEW stay;
DROP TABLE additional_group;
