DROP TABLE licence;
DROP TABLE institution_domain;
DROP TABLE institution;
DROP TABLE organisation;
