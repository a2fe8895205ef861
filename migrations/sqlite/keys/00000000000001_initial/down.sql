DROP TABLE subject_key;
DROP TABLE institution_key;
DROP TABLE system_key;
