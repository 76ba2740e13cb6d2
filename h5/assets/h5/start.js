H5.start = () => H5.parts.forEach((part) => part());
H5.start();
