"""What grading costs, measured with this course's labs: a class, and a call across."""
