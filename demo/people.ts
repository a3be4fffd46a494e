export const FIRST_NAMES = [
  ...['Aarav', 'Aditi', 'Ajay', 'Ananya', 'Anil', 'Arjun', 'Asha', 'Bhavna', 'Chitra', 'Deepak', 'Divya'],
  ...['Farhan', 'Fatima', 'Gaurav', 'Geeta', 'Harpreet', 'Imran', 'Isha', 'Jaya', 'Kabir', 'Kavita', 'Kiran'],
  ...[
    'Lakshmi',
    'Manoj',
    'Meera',
    'Mohan',
    'Nandini',
    'Naveen',
    'Neha',
    'Nikhil',
    'Pooja',
    'Prakash',
    'Priya',
  ],
  ...['Rahul', 'Rajesh', 'Ravi', 'Rekha', 'Rohan', 'Sana', 'Sanjay', 'Shreya', 'Sunita', 'Suresh', 'Tanvi'],
  ...['Uma', 'Varun', 'Vijay', 'Vikram', 'Yasmin', 'Zoya'],
];

export const FAMILY_NAMES = [
  ...['Agarwal', 'Ahmed', 'Banerjee', 'Bhat', 'Chauhan', 'Das', 'Desai', 'D’Souza', 'Fernandes', 'Ghosh'],
  ...['Gill', 'Gupta', 'Iyer', 'Jain', 'Joshi', 'Kapoor', 'Khan', 'Kulkarni', 'Kumar', 'Malhotra', 'Mehta'],
  ...['Menon', 'Mishra', 'Mukherjee', 'Nair', 'Naidu', 'Pandey', 'Patel', 'Patil', 'Pillai', 'Rao', 'Reddy'],
  ...['Saxena', 'Shah', 'Sharma', 'Shetty', 'Siddiqui', 'Singh', 'Sinha', 'Thakur', 'Varma', 'Yadav'],
];

export const CITIES = [
  ...['Mumbai', 'Delhi', 'Bengaluru', 'Hyderabad', 'Chennai', 'Kolkata', 'Pune', 'Ahmedabad', 'Jaipur'],
  ...['Lucknow', 'Kochi', 'Indore', 'Nagpur', 'Surat', 'Coimbatore', 'Bhopal', 'Patna', 'Guwahati'],
];
