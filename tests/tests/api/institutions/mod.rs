mod contacts;
mod institutions;
mod licences;
