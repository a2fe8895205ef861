mod processor_staff;
mod security_events;
