DROP TABLE incident_record;
DROP TABLE incident;
