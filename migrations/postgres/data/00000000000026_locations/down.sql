DROP TABLE user_location;
ALTER TABLE membership DROP COLUMN limited_to_locations;
ALTER TABLE groups DROP COLUMN location_id;
