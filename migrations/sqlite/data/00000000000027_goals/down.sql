DROP TABLE goal_offer;
DROP TABLE goal_pupil;
DROP TABLE goal;
